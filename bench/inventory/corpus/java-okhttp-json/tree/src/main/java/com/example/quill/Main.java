package com.example.quill;

public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws Exception {
        Letters letters = new Letters();
        String kind = letters.classify(args[0]);
        System.out.println(letters.write(kind));
        letters.speak(kind);
        letters.picture(kind);
    }
}
