package com.example.ink;

public final class Main {
    private Main() {
    }

    public static void main(String[] arguments) throws Exception {
        Asker asker = new Asker();
        System.out.println(asker.title(arguments[0]));
        System.out.println(asker.ask(arguments[0]));
        System.out.println(asker.embed(arguments[0]));
    }
}
