import { Injectable } from '@nestjs/common';

/** Whether this process is shutting down: it is no longer ready, and asks clients to close their connections. */
@Injectable()
export class ShutdownService {
  private started = false;

  get hasStarted(): boolean {
    return this.started;
  }

  start(): void {
    this.started = true;
  }
}
