import { describe, expect, it } from '@jest/globals';
import { Body, Headers, Param, Post, Query } from '@nestjs/common';
import { installedVersion } from '../../../test/support/installed-version.js';
import { handlerTakesBody } from './handler-takes-body.js';

class Controller {
  @Post()
  whole(@Param('id') _id: string, @Body() _body: object) {
    return undefined;
  }

  @Post()
  member(@Body('name') _name: string) {
    return undefined;
  }

  @Post()
  other(@Param('id') _id: string, @Query() _query: object, @Headers('if-match') _tag: string) {
    return undefined;
  }

  @Post()
  none() {
    return undefined;
  }
}

describe('the metadata of Nest’s parameter decorators', () => {
  it('is checked with Nest 12', () => {
    expect(installedVersion('@nestjs/common')).toMatch(/^12\./);
  });

  it.each([
    ['whole', true],
    ['member', true],
    ['other', false],
    ['none', false],
  ])('says whether the handler `%s` takes a body', (method, takesBody) => {
    expect(handlerTakesBody(Controller, method)).toBe(takesBody);
  });
});
