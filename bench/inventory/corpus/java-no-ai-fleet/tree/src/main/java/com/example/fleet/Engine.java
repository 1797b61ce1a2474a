package com.example.fleet;

public enum Engine {
    TURBO("v3-turbo"),
    LITE("spark-lite");

    private final String model;

    Engine(String model) {
        this.model = model;
    }
}
