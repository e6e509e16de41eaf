ALTER TABLE "code_send" ADD COLUMN "security_epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "profile_user" ADD COLUMN "security_epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "profile_user" ADD COLUMN "tokens_valid_from" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "profile_user" ADD COLUMN "password_changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sign_in_nonce" ADD COLUMN "security_epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "verification_record" ADD COLUMN "security_epoch" bigint DEFAULT 0 NOT NULL;