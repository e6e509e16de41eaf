import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsNotEmpty, IsString, MaxLength, ValidateNested } from 'class-validator';
import { Optional, ValidatedBodyPipe } from './validated-body.js';

class Inner {
  @IsString()
  word: string;

  @Optional()
  @IsIn(['a', 'b'])
  kind?: string;
}

class Body {
  @MaxLength(5)
  @IsNotEmpty()
  @IsString()
  password: string;

  @Optional()
  @IsBoolean()
  flag?: boolean;

  @Optional()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;
}

const pipe = new ValidatedBodyPipe();
const transform = (value: unknown) => pipe.transform(value, { type: 'body', metatype: Body });
const faults = async (value: unknown) =>
  transform(value).then(
    () => [],
    (error: { code: string; options: { errors: { pointer: string; code: string }[] } }) => {
      expect(error.code).toBe('validation_failed');
      return error.options.errors.map(({ pointer, code }) => `${pointer} ${code}`);
    },
  );

describe('ValidatedBodyPipe', () => {
  it('returns a valid body unchanged', async () => {
    expect(await transform({ password: 'abc', flag: false })).toEqual({ password: 'abc', flag: false });
    expect(await transform({ password: 'abc' })).toEqual({ password: 'abc' });
  });

  it.each<[unknown, string[]]>([
    [{}, ['/password required']],
    [{ password: '' }, ['/password empty']],
    [{ password: 'abcdef' }, ['/password too_long']],
    [{ password: null }, ['/password invalid_type']],
    [{ password: 7 }, ['/password invalid_type']],
    [{ password: ['abc'] }, ['/password invalid_type']],
    [{ password: { length: 3 } }, ['/password invalid_type']],
    [{ password: 'abc', flag: null }, ['/flag invalid_type']],
    [{ password: 'abc', flag: 'true' }, ['/flag invalid_type']],
    [{ password: 'abc', other: 1 }, ['/other unknown_field']],
    [{ password: 'abc', 'a/b': 1 }, ['/a~1b unknown_field']],
    [{ password: 'abc', inner: {} }, ['/inner/word required']],
    [{ password: 'abc', inner: { word: 'x', more: 1 } }, ['/inner/more unknown_field']],
    [{ other: 1, flag: 1 }, ['/other unknown_field', '/password required', '/flag invalid_type']],
    [{ password: 'abc', toString: 1, constructor: 1 }, ['/constructor unknown_field', '/toString unknown_field']],
    [{ valueOf: 1 }, ['/valueOf unknown_field', '/password required']],
    [[], [' invalid_type']],
    [[{ password: 'abc' }], [' invalid_type']],
    ['abc', [' invalid_type']],
    [null, [' invalid_type']],
    [7, [' invalid_type']],
  ])('reports the faults of %j', async (value, expected) => {
    expect((await faults(value)).sort()).toEqual([...expected].sort());
  });

  it.each([
    [{ password: 'abcdef' }, { code: 'too_long', params: { max: 5 } }],
    [
      { password: 'abc', inner: { word: 'x', kind: 'c' } },
      { code: 'invalid_value', params: { values: ['a', 'b'] } },
    ],
  ])('reports what the broken rule of %j was declared with', async (body, fault) => {
    await expect(transform(body)).rejects.toMatchObject({ options: { errors: [fault] } });
  });

  it('never quotes a value', async () => {
    const error: unknown = await transform({ password: 'a secret word', secret: 'another' }).catch(
      (each: unknown) => each,
    );
    expect(JSON.stringify((error as { options: unknown }).options)).not.toMatch(/a secret word|another/);
  });

  it('passes bytes through', async () => {
    const bytes = Buffer.from('[]');
    expect(await transform(bytes)).toBe(bytes);
  });
});
