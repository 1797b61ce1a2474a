import * as Joi from 'joi';

export const schema = Joi.object({
  LLM_BASE_URL: Joi.string().uri(),
  LLM_API_KEY: Joi.string().required(),
  RERANK_MODEL: Joi.string().default('rerank'),
});
