package main

import (
	"flag"

	"github.com/zeromicro/go-zero/core/conf"
	"github.com/zeromicro/go-zero/rest"

	"example.com/desk/internal/config"
	"example.com/desk/internal/handler"
	"example.com/desk/internal/svc"
)

var configFile = flag.String("f", "etc/desk-api.yaml", "the config file")

func main() {
	flag.Parse()
	var c config.Config
	conf.MustLoad(*configFile, &c, conf.UseEnv())
	server := rest.MustNewServer(c.RestConf)
	defer server.Stop()
	handler.RegisterHandlers(server, svc.NewServiceContext(c))
	server.Start()
}
