<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Car extends Model
{
    protected $fillable = ['maker', 'model'];
    protected $attributes = ['model' => 'o1'];
}
