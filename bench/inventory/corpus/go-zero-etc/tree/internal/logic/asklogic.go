package logic

import (
	"context"

	"github.com/sashabaranov/go-openai"
	"github.com/zeromicro/go-zero/core/logx"

	"example.com/desk/internal/svc"
)

// AskLogic answers tickets.
type AskLogic struct {
	logx.Logger
	ctx    context.Context
	svcCtx *svc.ServiceContext
}

// NewAskLogic for one request.
func NewAskLogic(ctx context.Context, svcCtx *svc.ServiceContext) *AskLogic {
	return &AskLogic{Logger: logx.WithContext(ctx), ctx: ctx, svcCtx: svcCtx}
}

// Ask one question.
func (l *AskLogic) Ask(question string) (string, error) {
	resp, err := l.svcCtx.LLM.CreateChatCompletion(l.ctx, openai.ChatCompletionRequest{
		Model:     l.svcCtx.Config.LLM.ChatModel,
		MaxTokens: l.svcCtx.Config.LLM.MaxTokens,
		Messages:  []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: question}},
	})
	if err != nil {
		l.Errorf("ask: %v", err)
		return "", err
	}
	return resp.Choices[0].Message.Content, nil
}

// Embed a question to look for earlier tickets.
func (l *AskLogic) Embed(question string) ([]float32, error) {
	resp, err := l.svcCtx.LLM.CreateEmbeddings(l.ctx, openai.EmbeddingRequest{
		Input: []string{question},
		Model: openai.EmbeddingModel(l.svcCtx.Config.LLM.EmbeddingModel),
	})
	if err != nil {
		return nil, err
	}
	return resp.Data[0].Embedding, nil
}
