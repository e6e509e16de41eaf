CREATE TABLE "activity" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"action" text NOT NULL,
	"client_id" text,
	"fields" text[] DEFAULT '{}' NOT NULL,
	"details" jsonb
);
--> statement-breakpoint
CREATE TABLE "code_send" (
	"address" text PRIMARY KEY NOT NULL,
	"sent_to" text NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"purpose" text NOT NULL,
	"sent_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"taken_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"user_id" text NOT NULL,
	"key" varchar(255) NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_key_user_id_key_pk" PRIMARY KEY("user_id","key")
);
--> statement-breakpoint
CREATE TABLE "profile_user" (
	"user_id" text PRIMARY KEY NOT NULL,
	"fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"fields_version" bigint DEFAULT 0 NOT NULL,
	"logto_snapshot" jsonb,
	"snapshot_version" bigint DEFAULT 0 NOT NULL,
	"snapshot_fetched_at" timestamp with time zone,
	"lease" text,
	"lease_until" timestamp with time zone,
	"pending" jsonb
);
--> statement-breakpoint
CREATE TABLE "rate_limit" (
	"key" varchar(255) PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint
);
--> statement-breakpoint
CREATE TABLE "sign_in_nonce" (
	"nonce_hash" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "verification_record" (
	"id_hash" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"kind" text NOT NULL,
	"address" text,
	"proves_identity" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "activity_user" ON "activity" USING btree ("user_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "activity_at" ON "activity" USING btree ("at");--> statement-breakpoint
CREATE INDEX "code_send_expiry" ON "code_send" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "idempotency_key_expiry" ON "idempotency_key" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "profile_user_pending" ON "profile_user" USING btree ("lease_until") WHERE "profile_user"."pending" is not null;--> statement-breakpoint
CREATE INDEX "rate_limit_expire" ON "rate_limit" USING btree ("expire");--> statement-breakpoint
CREATE INDEX "sign_in_nonce_expiry" ON "sign_in_nonce" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "verification_record_user" ON "verification_record" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "verification_record_expiry" ON "verification_record" USING btree ("expires_at");