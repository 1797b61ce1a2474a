import express from 'express';

import { MODEL_MAP } from './modelMap';
import { getProvider } from './providers';

const app = express();
app.get('/limits', (_req, res) => res.json(MODEL_MAP));
app.post('/chat', express.json(), async (req, res) => res.json(await getProvider().ask(req.body.messages)));
app.listen(3001);
