import { Injectable } from '@nestjs/common';
import type { AddressKind } from '../../domain/proofs/address.js';
import { Clock } from '../../platform/config/clock.js';
import {
  channelNotConfigured,
  ManagementApiService,
  type ChannelState,
  type MessageChannels,
} from '../../platform/management-api/management-api.service.js';

/** A connector that is added or removed in Logto counts after this time at the latest. */
const MAX_AGE_MS = 60_000;

/**
 * Whether the tenant can send email and SMS. Codes to new addresses are sent after the response, so this cause of failure, which does
 * not depend on the address, is checked before it.
 */
@Injectable()
export class MessageChannelsService {
  private cached?: { readonly channels: Promise<MessageChannels | undefined>; readonly fetchedAt: number };

  constructor(
    private readonly logto: ManagementApiService,
    private readonly clock: Clock,
  ) {}

  /** Throws `channel_not_configured`, with a detail, if Logto cannot send messages to this kind of address. */
  async requireConfigured(kind: AddressKind): Promise<void> {
    const state: ChannelState | undefined = (await this.current())?.[kind];
    if (state !== undefined && state !== 'ready') throw channelNotConfigured(state, kind);
  }

  private current(): Promise<MessageChannels | undefined> {
    const now = this.clock.now();
    if (!this.cached || now >= this.cached.fetchedAt + MAX_AGE_MS) {
      this.cached = { channels: this.fetch(), fetchedAt: now };
    }
    return this.cached.channels;
  }

  /** Undefined if Logto does not say, which is logged with its other failures: then messages are sent. */
  private fetch(): Promise<MessageChannels | undefined> {
    return this.logto.getMessageChannels().catch(() => undefined);
  }
}
