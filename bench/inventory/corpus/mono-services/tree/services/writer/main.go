package main

import (
	"bytes"
	"encoding/json"
	"log"
	"net/http"
	"os"
)

func getenv(name, fallback string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return fallback
}

func main() {
	base := getenv("LLM_BASE_URL", "https://api.openai.com/v1")
	model := getenv("MODEL", "gpt-3.5-turbo")
	http.HandleFunc("/write", func(w http.ResponseWriter, r *http.Request) {
		body, _ := json.Marshal(map[string]any{
			"model":    model,
			"messages": []map[string]string{{"role": "user", "content": r.FormValue("q")}},
		})
		reply, err := http.Post(base+"/chat/completions", "application/json", bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer reply.Body.Close()
		_, _ = w.Write([]byte(reply.Status))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
