import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import PQueue from 'p-queue';
import { storedForms } from '../../domain/proofs/address.js';
import { isKnownNotApplied } from '../../platform/errors/dependency-error.js';
import { describeError } from '../../platform/errors/describe-error.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { UpstreamError } from '../../platform/management-api/upstream-error.js';
import { CodeRequestRepository, type CodeRequest } from './code-request.repository.js';
import { toCodeRecipient, type AddressAndPurpose } from './recipient.js';

/** Looking an email address up reads all users of the tenant, so Logto gets few at a time. */
const CONCURRENCY = 4;
const MAX_WAITING = 500;

/** Sends requested codes, at once or in the background. */
@Injectable()
export class CodeDeliveryService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(CodeDeliveryService.name);
  private readonly queue = new PQueue({ concurrency: CONCURRENCY });

  constructor(
    private readonly requests: CodeRequestRepository,
    private readonly logto: ManagementApiService,
  ) {}

  /** Sends a code to an address of the account. Throws UpstreamError. */
  async send(userId: string, request: CodeRequest, recipient: AddressAndPurpose): Promise<void> {
    if (!(await this.requests.setCurrent(request))) return;
    try {
      await this.logto.sendCode(userId, toCodeRecipient(recipient));
    } catch (error) {
      // A connector can fail after it has sent the message, and Logto then has the new code.
      const mayHaveSent = !isKnownNotApplied(error) || (error as UpstreamError).code === 'message_not_sent';
      if (!mayHaveSent) await this.requests.unsetCurrent(request);
      throw error;
    }
  }

  /**
   * Sends a code to an address that is not known to be the account's, after the response: neither the response nor its time can reveal
   * whether another account has the address. If one has, sends nothing. Failures are logged; the user can request another code.
   * @returns false if too many requests are waiting
   */
  sendInBackground(userId: string, request: CodeRequest, recipient: AddressAndPurpose): boolean {
    if (this.queue.size >= MAX_WAITING) return false;
    void this.queue.add(() => this.sendUnlessTaken(userId, request, recipient).catch((error) => this.log(error)));
    return true;
  }

  /** Resolves when nothing is being sent in the background. */
  async settled(): Promise<void> {
    await this.queue.onIdle();
  }

  /** Finishes what was accepted. Each call to Logto has a deadline, and the number of waiting ones is bounded. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  private async sendUnlessTaken(userId: string, request: CodeRequest, recipient: AddressAndPurpose): Promise<void> {
    const { kind, address } = recipient;
    const owners = await this.logto.findUserIds(userId, kind, storedForms(kind, address));
    if (owners.some((owner) => owner !== userId)) return;
    await this.send(userId, request, recipient);
  }

  private log(error: unknown): void {
    // LogtoClient has already logged failed calls.
    if (!(error instanceof UpstreamError)) this.logger.error(`A code could not be sent: ${describeError(error)}`);
  }
}
