require("dotenv").config();
const Koa = require("koa");
const Router = require("@koa/router");
const { koaBody } = require("koa-body");
const ark = require("./ark");
const { embed } = require("./embedding");

const app = new Koa();
const router = new Router();

router.post("/recipe", async (ctx) => {
  const { wish } = ctx.request.body;
  const text = await ark.chat([{ role: "user", content: `写一份菜谱：${wish}` }]);
  ctx.body = { text, cover: await ark.picture(wish) };
});

router.post("/similar", async (ctx) => {
  ctx.body = { vectors: await embed(ctx.request.body.texts) };
});

app.use(koaBody()).use(router.routes());
app.listen(process.env.PORT || 7001);
