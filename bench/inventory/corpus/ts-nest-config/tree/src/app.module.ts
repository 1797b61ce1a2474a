import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';

import llmConfig from './config/llm.config';
import { schema } from './config/validation';
import { LlmService } from './llm/llm.service';

@Module({
  imports: [ConfigModule.forRoot({ isGlobal: true, load: [llmConfig], validationSchema: schema })],
  providers: [LlmService],
})
export class AppModule {}
