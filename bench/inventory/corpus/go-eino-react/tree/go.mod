module example.com/kitchen

go 1.22

require (
	github.com/cloudwego/eino v0.3.40
	github.com/cloudwego/eino-ext/components/embedding/ark v0.1.0
	github.com/cloudwego/eino-ext/components/model/ark v0.1.12
	github.com/cloudwego/eino-ext/components/model/openai v0.0.0-20250522060253-ddb617598b09
	github.com/joho/godotenv v1.5.1
)
