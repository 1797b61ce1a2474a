module.exports = {
  apps: [
    {
      name: 'orchid-chat',
      script: 'src/server.js',
      instances: 2,
      env: { NODE_ENV: 'production', CHEAP_MODEL: 'gpt-4.1-nano' },
    },
  ],
};
