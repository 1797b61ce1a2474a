package com.example.ink.legacy;

/** 已废弃，2023 年的接口。 */
@Deprecated
public class OldAsker {
    private static final String MODEL = "qwen-v1";

    String model() {
        return MODEL;
    }
}
