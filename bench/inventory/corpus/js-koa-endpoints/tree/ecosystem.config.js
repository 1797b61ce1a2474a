module.exports = {
  apps: [
    {
      name: "recipe-api",
      script: "src/app.js",
      instances: 2,
      env: { NODE_ENV: "production", EMBEDDING_MODEL: "text-embedding-v3" },
    },
  ],
};
