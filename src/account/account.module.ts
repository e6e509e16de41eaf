import { Global, Module } from '@nestjs/common';
import { AccountCopies } from './account-copies.service.js';
import { AccountReader } from './account-reader.service.js';
import { UserRows } from './user-rows.service.js';

const PROVIDERS = [UserRows, AccountCopies, AccountReader];

/** What is known of the caller's account, for every feature: Logto's part, and the user's own row. */
@Global()
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class AccountModule {}
