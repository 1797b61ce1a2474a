const mongoose = require('mongoose');

const schema = new mongoose.Schema({
  model: { type: String, default: 'nova-lite' },
  claude: { type: String, enum: ['fabric-a', 'fabric-b'] },
  embedding: { rows: Number, columns: Number },
});

module.exports = mongoose.model('Product', schema);
