// A backend as the documentation of NestJS and Logto suggests: Express, passport-jwt with jwks-rsa, HttpService with axios,
// and a machine token that is cached until it expires. Nothing here is slow on purpose.
import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Body, Controller, Get, Injectable, Module, Patch, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { passportJwtSecret } from 'jwks-rsa';
import { ExtractJwt, Strategy } from 'passport-jwt';

const { LOGTO_ENDPOINT, LOGTO_M2M_APP_ID, LOGTO_M2M_APP_SECRET, API_RESOURCE, PORT } = process.env as Record<
  string,
  string
>;
const MANAGEMENT_API = process.env.LOGTO_MANAGEMENT_API_RESOURCE ?? 'https://default.logto.app/api';

interface Claims {
  sub: string;
}

@Injectable()
class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: passportJwtSecret({ jwksUri: `${LOGTO_ENDPOINT}/oidc/jwks`, cache: true, rateLimit: true }),
      issuer: `${LOGTO_ENDPOINT}/oidc`,
      audience: API_RESOURCE,
      algorithms: ['ES384', 'RS256'],
    });
  }

  validate(claims: Claims) {
    return claims;
  }
}

@Injectable()
class ManagementApiService {
  private token?: { value: string; expiresAt: number };

  constructor(private readonly http: HttpService) {}

  async getUser(userId: string): Promise<unknown> {
    const { data } = await this.http.axiosRef.get(`${LOGTO_ENDPOINT}/api/users/${userId}`, await this.authorization());
    return data;
  }

  async updateUser(userId: string, patch: unknown): Promise<unknown> {
    const { data } = await this.http.axiosRef.patch(
      `${LOGTO_ENDPOINT}/api/users/${userId}`,
      patch,
      await this.authorization(),
    );
    return data;
  }

  private async authorization() {
    if (!this.token || this.token.expiresAt < Date.now()) {
      const { data } = await this.http.axiosRef.post(
        `${LOGTO_ENDPOINT}/oidc/token`,
        new URLSearchParams({ grant_type: 'client_credentials', resource: MANAGEMENT_API, scope: 'all' }),
        { auth: { username: LOGTO_M2M_APP_ID, password: LOGTO_M2M_APP_SECRET } },
      );
      this.token = { value: data.access_token, expiresAt: Date.now() + (data.expires_in - 60) * 1000 };
    }
    return { headers: { authorization: `Bearer ${this.token.value}` } };
  }
}

@Controller('v1/profile')
@UseGuards(AuthGuard('jwt'))
class ProfileController {
  constructor(private readonly managementApi: ManagementApiService) {}

  @Get()
  read(@Req() request: { user: Claims }) {
    return this.managementApi.getUser(request.user.sub);
  }

  @Patch()
  update(@Req() request: { user: Claims }, @Body() patch: unknown) {
    return this.managementApi.updateUser(request.user.sub, patch);
  }
}

@Module({
  imports: [HttpModule, PassportModule],
  controllers: [ProfileController],
  providers: [JwtStrategy, ManagementApiService],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(Number(PORT), '127.0.0.1');
process.send?.('ready');
