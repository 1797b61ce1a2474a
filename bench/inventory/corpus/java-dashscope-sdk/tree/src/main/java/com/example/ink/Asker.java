package com.example.ink;

import com.alibaba.dashscope.aigc.generation.Generation;
import com.alibaba.dashscope.aigc.generation.GenerationParam;
import com.alibaba.dashscope.aigc.generation.GenerationResult;
import com.alibaba.dashscope.common.Message;
import com.alibaba.dashscope.common.Role;
import com.alibaba.dashscope.embeddings.TextEmbedding;
import com.alibaba.dashscope.embeddings.TextEmbeddingParam;
import java.util.List;

public class Asker {

    private final Generation generation = new Generation();

    public String ask(String text) throws Exception {
        return ask(text, InkModel.DEFAULT);
    }

    public String ask(String text, InkModel model) throws Exception {
        GenerationParam param = GenerationParam.builder()
                .model(model.getCode())
                .messages(List.of(Message.builder().role(Role.USER.getValue()).content(text).build()))
                .build();
        GenerationResult result = generation.call(param);
        return result.getOutput().getText();
    }

    public String title(String text) throws Exception {
        GenerationParam param = GenerationParam.builder()
                .model(Generation.Models.QWEN_TURBO)
                .prompt("标题：" + text)
                .build();
        return generation.call(param).getOutput().getText();
    }

    public Object embed(String text) throws Exception {
        TextEmbeddingParam param = TextEmbeddingParam.builder()
                .model(TextEmbedding.Models.TEXT_EMBEDDING_V3)
                .text(text)
                .build();
        return new TextEmbedding().call(param).getOutput();
    }
}
