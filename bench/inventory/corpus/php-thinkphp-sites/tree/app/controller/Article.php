<?php

namespace app\controller;

use app\BaseController;
use app\service\WriterService;

class Article extends BaseController
{
    public function draft(WriterService $writer)
    {
        return json(['content' => $writer->write($this->request->post('title'))]);
    }
}
