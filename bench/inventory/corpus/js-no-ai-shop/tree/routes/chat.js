const router = require('express').Router();
const messages = [];

// Customers write to the people in the shop.
router.post('/chat', (req, res) => {
  messages.push({ role: 'user', content: req.body.text });
  res.json({ model: 'human', messages });
});

module.exports = router;
