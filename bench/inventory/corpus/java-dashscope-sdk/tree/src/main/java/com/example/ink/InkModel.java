package com.example.ink;

public enum InkModel {
    FAST("qwen-flash-2025-07-28", "快速"),
    STRONG("qwen3-max", "增强"),
    CODER("qwen3-coder-plus", "代码");

    public static final InkModel DEFAULT = STRONG;

    private final String code;
    private final String label;

    InkModel(String code, String label) {
        this.code = code;
        this.label = label;
    }

    public String getCode() {
        return code;
    }

    public String getLabel() {
        return label;
    }
}
