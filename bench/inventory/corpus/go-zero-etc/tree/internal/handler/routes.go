package handler

import (
	"net/http"

	"github.com/zeromicro/go-zero/rest"
	"github.com/zeromicro/go-zero/rest/httpx"

	"example.com/desk/internal/logic"
	"example.com/desk/internal/svc"
)

// RegisterHandlers of the API.
func RegisterHandlers(server *rest.Server, svcCtx *svc.ServiceContext) {
	server.AddRoute(rest.Route{Method: http.MethodPost, Path: "/ask", Handler: func(w http.ResponseWriter, r *http.Request) {
		l := logic.NewAskLogic(r.Context(), svcCtx)
		question := r.FormValue("question")
		vector, err := l.Embed(question)
		if err == nil && len(vector) > 0 {
			l.Infof("question of %d dimensions", len(vector))
		}
		answer, err := l.Ask(question)
		if err != nil {
			httpx.Error(w, err)
			return
		}
		httpx.OkJson(w, map[string]string{"answer": answer})
	}})
}
