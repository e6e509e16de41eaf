import { Controller, Get, Header, HttpCode, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiSchema,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { SigningKeys } from '../../domain/access/signing-keys.js';
import { Database } from '../../platform/database/database.js';
import { Public } from '../../platform/http/public.decorator.js';

const describeCheck = (description: string) => ({
  description,
  type: 'string' as const,
  enum: ['ok', 'failing'],
  example: 'ok',
});

@ApiSchema({ description: 'Whether the process runs.' })
class Liveness {
  @ApiProperty({ description: 'Always `ok`.', enum: ['ok'], example: 'ok' })
  status: string;
}

@ApiSchema({ description: 'Whether the service can handle requests, and what it needs.' })
class Readiness {
  @ApiProperty({ description: '`ready` if every check is `ok`.', enum: ['ready', 'unavailable'], example: 'ready' })
  status: string;

  @ApiProperty({
    description: 'The keys for checking access tokens, and the database.',
    type: 'object',
    selfRequired: true,
    required: ['signingKeys', 'database'],
    properties: {
      signingKeys: describeCheck("Whether Logto's signing keys were fetched."),
      database: describeCheck('Whether the database responds.'),
    },
  })
  checks: Record<string, string>;
}

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly keys: SigningKeys,
    private readonly database: Database,
  ) {}

  @Get('live')
  @Public()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Get liveness',
    description: 'Checks nothing but the process itself.',
    operationId: 'getLiveness',
    security: [],
  })
  @ApiOkResponse({ description: 'The process is running.', type: Liveness })
  live(): Liveness {
    return { status: 'ok' };
  }

  @Get('ready')
  @Public()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Get readiness',
    description: "Ready if Logto's signing keys were fetched and the database responds.",
    operationId: 'getReadiness',
    security: [],
  })
  @ApiOkResponse({ description: 'Ready.', type: Readiness })
  @ApiServiceUnavailableResponse({ description: 'Not ready.', type: Readiness })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const checks = {
      signingKeys: this.keys.seen ? 'ok' : 'failing',
      database: (await this.isDatabaseUp()) ? 'ok' : 'failing',
    };
    const ready = Object.values(checks).every((check) => check === 'ok');
    reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'unavailable', checks };
  }

  private async isDatabaseUp(): Promise<boolean> {
    try {
      await this.database.query({ text: 'select 1' });
      return true;
    } catch {
      return false;
    }
  }
}
