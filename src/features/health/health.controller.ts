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
import { Public } from '../../platform/http/public.decorator.js';
import { REASONS, ReadinessService } from './readiness.service.js';

@ApiSchema({ description: 'Whether the process runs.' })
class Liveness {
  @ApiProperty({ description: 'Always `ok`.', enum: ['ok'], example: 'ok' })
  status: string;
}

@ApiSchema({ description: 'A reason why the service is not ready.' })
class ReadinessReason {
  @ApiProperty({
    description: 'The stable code of the reason.',
    enum: Object.keys(REASONS),
    example: 'database_read_only',
  })
  code: string;

  @ApiProperty({ description: 'The reason in English.', example: REASONS.database_read_only })
  detail: string;
}

@ApiSchema({ description: 'Whether the service can handle requests, and otherwise why not.' })
class Readiness {
  @ApiProperty({ description: '`ready` if there is no reason.', enum: ['ready', 'unavailable'], example: 'ready' })
  status: string;

  @ApiProperty({ description: 'Why the service is not ready.', type: [ReadinessReason] })
  reasons: ReadinessReason[];
}

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

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
    description:
      'Ready if the next request would succeed: the signing keys are known, the issuer is the configured one, the machine token has the ' +
      'scope `all`, the database is migrated and accepts writes, and the service is not shutting down. An outage of Logto after the ' +
      'first success does not matter. Responds within a second. The result is at most 2 s old; writes are tried at most every 5 s.',
    operationId: 'getReadiness',
    security: [],
  })
  @ApiOkResponse({ description: 'Ready.', type: Readiness })
  @ApiServiceUnavailableResponse({ description: 'Not ready.', type: Readiness })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const reasons = await this.readiness.findReasons();
    reply.status(reasons.length === 0 ? 200 : 503);
    return {
      status: reasons.length === 0 ? 'ready' : 'unavailable',
      reasons: reasons.map((code) => ({ code, detail: REASONS[code] })),
    };
  }
}
