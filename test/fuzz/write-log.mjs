import pg from 'pg';

/**
 * Triggers that record which transaction changed what of a user. Leases, pending changes, counters, caches and codes are not included: a
 * rejected request may change them.
 */
const TRIGGERS = `
create table public.fuzz_log (at timestamptz not null default clock_timestamp(), user_id text not null, what text not null, delta int not null);
create function public.fuzz_log() returns trigger language plpgsql as $$
begin
  insert into public.fuzz_log (user_id, what, delta) values (new.user_id, tg_argv[0], tg_argv[1]::int);
  return null;
end $$;
create trigger fuzz_new_row after insert on logto_profile.profile_user for each row
  when (new.fields <> '{}' or new.encrypted_fields <> '{}' or new.fields_version <> 0 or new.security_epoch <> 0 or new.tokens_valid_from is not null)
  execute function public.fuzz_log('row', '1');
create trigger fuzz_row after update on logto_profile.profile_user for each row
  when ((new.fields, new.encrypted_fields, new.fields_version, new.security_epoch, new.tokens_valid_from, new.client_cutoffs)
    is distinct from (old.fields, old.encrypted_fields, old.fields_version, old.security_epoch, old.tokens_valid_from, old.client_cutoffs))
  execute function public.fuzz_log('row', '1');
create trigger fuzz_activity after insert on logto_profile.activity for each row execute function public.fuzz_log('activity', '1');
create trigger fuzz_key after insert on logto_profile.idempotency_key for each row execute function public.fuzz_log('idempotency key', '1');
create trigger fuzz_new_proof after insert on logto_profile.verification_record for each row execute function public.fuzz_log('new proof', '1');
create trigger fuzz_proof_used after update on logto_profile.verification_record for each row
  when (old.used_at is null and new.used_at is not null) execute function public.fuzz_log('proof', '1');
create trigger fuzz_proof_restored after update on logto_profile.verification_record for each row
  when (old.used_at is not null and new.used_at is null) execute function public.fuzz_log('proof', '-1');
`;

/** The writes to the database of the service, by user. */
export class WriteLog {
  constructor(url) {
    this.pool = new pg.Pool({ connectionString: url, max: 4 });
  }

  async start() {
    await this.pool.query(TRIGGERS);
  }

  /** The writes for a user, with their times in milliseconds; they are then removed from the log. */
  async take(userId) {
    const { rows } = await this.pool.query(
      'delete from public.fuzz_log where user_id = $1 returning extract(epoch from at)::float8 * 1000 as at, what, delta',
      [userId],
    );
    return rows;
  }

  /** Whether a change of the user is pending. */
  async isPending(userId) {
    const { rows } = await this.pool.query(
      'select from logto_profile.profile_user where user_id = $1 and pending is not null',
      [userId],
    );
    return rows.length > 0;
  }

  stop() {
    return this.pool.end();
  }
}
