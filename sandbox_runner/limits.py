"""Every number of the emulator, with its source.

``DG:x`` is https://docs.aws.amazon.com/lambda/latest/dg/x.html. A number without a source is ours; its comment
says why it has that size. MB means 1024 KB, as on Lambda.
"""

from __future__ import annotations

from typing import Final

KB: Final = 1024
MB: Final = 1024 * KB

# --- the function's configuration: DG:gettingstarted-limits ------------------------------------------------------
MEMORY_MB_DEFAULT: Final = 128
MEMORY_MB_MIN: Final = 128
MEMORY_MB_MAX: Final = 10_240
# DG:configuration-memory: at 1,769 MB a function has the equivalent of one processor.
MEMORY_MB_PER_PROCESSOR: Final = 1769
TIMEOUT_S_DEFAULT: Final = 3
TIMEOUT_S_MIN: Final = 1
TIMEOUT_S_MAX: Final = 900
TMP_MB_DEFAULT: Final = 512
TMP_MB_MIN: Final = 512
TMP_MB_MAX: Final = 10_240
ENVIRONMENT_BYTES_MAX: Final = 4 * KB
RETRY_ATTEMPTS_MAX: Final = 2
# https://docs.aws.amazon.com/lambda/latest/api/API_FunctionEventInvokeConfig.html
EVENT_AGE_S_MIN: Final = 60
EVENT_AGE_S_MAX: Final = 21_600
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: after one minute, then after two.
RETRY_DELAYS_S: Final = (60, 120)
# The same page: a throttled event goes back with a wait that grows from one second to at most five minutes.
THROTTLE_BACKOFF_S_MIN: Final = 1
THROTTLE_BACKOFF_S_MAX: Final = 300
# DG:lambda-concurrency: for all functions of an account together; new accounts may have less.
ACCOUNT_CONCURRENCY: Final = 1000
# DG:configuration-concurrency: the part of an account's concurrency that no function can reserve.
UNRESERVED_CONCURRENCY_MIN: Final = 100

# --- phases: DG:lambda-runtime-environment ------------------------------------------------------------------------
ON_DEMAND_INIT_S: Final = 10
PROVISIONED_INIT_S_MIN: Final = 130
SHUTDOWN_MS_NO_EXTENSION: Final = 0
SHUTDOWN_MS_INTERNAL_EXTENSION: Final = 500
SHUTDOWN_MS_EXTERNAL_EXTENSION: Final = 2000

# --- payloads: DG:gettingstarted-limits; the extra 100 bytes of an answer are seen on the service -----------------
REQUEST_BYTES_MAX: Final = 6 * MB
ASYNC_REQUEST_BYTES_MAX: Final = 1 * MB
RESPONSE_BYTES_MAX: Final = 6 * MB + 100
# API_Invoke: in Base64.
CLIENT_CONTEXT_BYTES_MAX: Final = 3_583
# DG:configuration-response-streaming says 200 MB. It was 20 MB until July 2025, and that is what a worker has room for.
STREAMED_BYTES_MAX: Final = 20 * MB

# --- inside the environment: DG:gettingstarted-limits, DG:lambda-runtime-environment ------------------------------
FILE_DESCRIPTORS_MAX: Final = 1024
PROCESSES_AND_THREADS_MAX: Final = 1024
SANDBOX_UID: Final = 993
SANDBOX_GID: Final = 990

# --- ours: what a person may send us ------------------------------------------------------------------------------
STEPS_MAX: Final = 200
CONCURRENT_MAX: Final = 100
# Lambda takes up to 1,600; as many as the Runtime API in a sandbox has connections for.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-lambdamanagedinstancescapacityproviderconfig.html
CONCURRENCY_PER_ENVIRONMENT_MAX: Final = 32
# Sandboxes that one run starts at once; more would only slow each other down on a small machine.
STARTS_AT_ONCE_MAX: Final = 4
# Functions of one scenario; each has environments of its own.
FUNCTIONS_MAX: Final = 8
FILES_MAX: Final = 50
# One file of a pasted handler; a bundle belongs into a layer, and the editor stays usable at this size.
FILE_BYTES_MAX: Final = 256 * KB
FILES_BYTES_MAX: Final = 2 * MB
# What is carried and not shown: libraries, images, large tables. The scenario's own size has to hold them in Base64.
ATTACHED_FILES_MAX: Final = 1_000
ATTACHED_BYTES_MAX: Final = 8 * MB
# DG:chapter-layers: a function has at most five.
LAYERS_MAX: Final = 5
# Programs that a scenario brings as extensions; Lambda takes ten, and what it says of an eleventh can be played.
EXTENSIONS_MAX: Final = 20
# DG:gettingstarted-limits: a deployment package, zipped and uploaded directly, and unzipped with its layers.
ARCHIVE_BYTES_MAX: Final = 50 * MB
PACKAGE_BYTES_MAX: Final = 250 * MB
# The same 50 MB in Base64, rounded up, as the service's own error has them: "Request must be smaller than 69905067
# bytes for the CreateFunction operation", https://github.com/localstack/localstack/pull/2999.
CREATE_REQUEST_BYTES_MAX: Final = -(-ARCHIVE_BYTES_MAX * 4 // 3)
# More would cost more memory than reading them is worth; a folder of packages has about as many.
ARCHIVE_ENTRIES_MAX: Final = 30_000
# Of each file, what is looked at for its language, the event it reads and the resources it uses, while one types.
CODE_CHARACTERS_MAX: Final = 64_000
IDLE_S_MAX: Final = 3600.0
# Longer waits of the service are cut to this real time: enough for a frozen timer to become overdue.
IDLE_REAL_S_MAX: Final = 10.0
IDLE_COMPRESSED_S: Final = 1.0
SCENARIO_BYTES_MAX: Final = 16 * MB
# A generated payload: far enough over Lambda's limit, and how much of them a worker holds for one run.
MADE_PAYLOAD_BYTES_MAX: Final = 32 * MB
MADE_PAYLOADS_BYTES_MAX: Final = 32 * MB

# --- ours: what a sandbox may send us. The guest cuts at the source and counts what it cut. -----------------------
# CloudWatch refuses a log event over 256 KB; nobody reads a line over 64 KB.
LOG_LINE_BYTES_MAX: Final = 64 * KB
# For each phase (an init, an invocation): enough for a verbose test run, small enough for a page.
LOG_LINES_MAX: Final = 5_000
LOG_BYTES_MAX: Final = 1 * MB
# A frame holds at most one answer and its header.
FRAME_BYTES_MAX: Final = RESPONSE_BYTES_MAX + 1 * MB
# Chunks of one streamed answer whose times are kept; the others are counted.
CHUNKS_MAX: Final = 200
# For a whole run; an answer is kept in the result up to this, the rest is counted.
RESULT_ANSWER_BYTES_MAX: Final = 256 * KB
# All answers of a run as JSON, and what is kept of each for which no room is left.
RUN_ANSWERS_BYTES_MAX: Final = 16 * MB
ANSWER_BEGINNING_CHARACTERS: Final = 1_024
RUN_LOG_BYTES_MAX: Final = 8 * MB
# The most a state walk may send after one answer.
STATE_LEAVES_MAX: Final = 5_000
STATE_BYTES_MAX: Final = 1 * MB

# The scenario's peers, for a whole run: enough for any demonstration, small compared to a worker's memory.
PEER_CLIENTS_MAX: Final = 1_000
PEER_EVENTS_MAX: Final = 500
PEER_BYTES_MAX: Final = 64 * MB

# --- ours: budgets ------------------------------------------------------------------------------------------------
RUN_WALL_S_DEFAULT: Final = 300.0
# Steps named by a run that ran out of time; the others are counted.
LEFT_SHOWN_MAX: Final = 10
# A proof may take this many times as long as the run that it is about, within these bounds: a question takes some
# replays one after the other, and a person who looks on waits for no more than two minutes.
PROOF_TIMES_RUN: Final = 20
PROOF_S_AT_LEAST: Final = 10.0
PROOF_S_AT_MOST: Final = 120.0
# Replays side by side, of one proof and of all of an engine's: more would start more sandboxes than they save time.
REPLAYS_AT_ONCE_MAX: Final = 12
REPLAYS_AT_ONCE_IN_ALL: Final = 24
# To find out whose late lines are: one replay of an environment's requests, waits included, for the first few.
LATE_WORK_S: Final = 12.0
LATE_WORK_REPLAYS: Final = 2
PROOF_REPLAYS_DEFAULT: Final = 60
# What an installation lets a proof play at once that goes on, unless it says otherwise.
PROOF_REPLAYS_AT_MOST: Final = 1_000
# The most that a user may ask for instead: an hour, and as many replays as fit into it on a fast machine.
PROOF_S_MAX: Final = 3_600.0
PROOF_REPLAYS_MAX: Final = 100_000

# --- ours: live sessions ------------------------------------------------------------------------------------------
# Each request is a step of the scenario that the session becomes, with a wait before it.
LIVE_REQUESTS_MAX: Final = STEPS_MAX // 2
# Without a request, in all, and however often somebody asks for more.
LIVE_IDLE_S: Final = 15 * 60.0
LIVE_TOTAL_S: Final = 60 * 60.0
LIVE_AT_MOST_S: Final = 4 * 60 * 60.0
# What somebody lets environments be frozen for who does not want to wait: longer than spares and connections last.
LIVE_FREEZE_S: Final = 10 * 60.0

# --- packages: DG:gettingstarted-limits ---------------------------------------------------------------------------
# "250 MB, the maximum size of the contents of a deployment package, including layers, unzipped"; the service's own
# error says "Unzipped size must be smaller than 262144000 bytes".
UNZIPPED_BYTES_MAX: Final = 250 * MB
# Ours: what one build of packages may use. Wheels and tarballs are unpacked there, beside what was downloaded.
BUILD_S: Final = 180
# By then modules are compiled as far as they are, so that there is time left to hand the packages over.
BUILD_COMPILED_S: Final = 100
# All builds of one run, and its wait for those of others.
DEPENDENCIES_S: Final = 2 * BUILD_S
BUILD_MEMORY_MB: Final = 1024
BUILD_DISK_MB: Final = 1024
BUILD_FILES_MAX: Final = 50_000
# What the lock of one function may be; large ones have a thousand packages.
LOCK_BYTES_MAX: Final = 2 * MB
# What all packages on a machine may take, unless its operator says something else.
PACKAGES_MB_DEFAULT: Final = 4_096

# --- ours: the account, AWS's services beside the functions -------------------------------------------------------
# Moto with its services is 110 MB; each account adds what it holds, and the pages that differ from the others'.
ACCOUNT_MEMORY_MB: Final = 2_048
# Importing moto on a busy machine; seen: 6 to 15 s.
ACCOUNT_START_S: Final = 60.0
# What answers is started anew after this, by the next run that needs it.
ACCOUNT_LIVES_S: Final = 30 * 24 * 3_600
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html: a call
# waits for 20 s at most; the others take milliseconds.
ACCOUNT_ANSWER_S: Final = 30.0
# Of what else an account's process is asked to do, such as to load a service or to make a copy.
ACCOUNT_ORDER_S: Final = 120.0
# For one run, and for one replay: far more than a demonstration needs, and few enough to be read.
ACCOUNT_CALLS_MAX: Final = 2_000
ACCOUNT_BYTES_MAX: Final = 64 * MB
# One request's body, and one answer's.
ACCOUNT_REQUEST_BYTES_MAX: Final = 8 * MB
ACCOUNT_ANSWER_BYTES_MAX: Final = 16 * MB
# Of bodies that are too large: a client reads that only when it has sent all. Of one run; then its connection ends.
ACCOUNT_DROPPED_BYTES_MAX: Final = 128 * MB
# Calls that are recorded, and what of parameters and answer is.
ACCOUNT_RECORDS_MAX: Final = 500
ACCOUNT_TEXT_CHARACTERS_MAX: Final = 2_000
# Moments of one run's account that are kept for replays; each is a process.
ACCOUNT_MOMENTS_MAX: Final = 32
# Of what an account holds: entries that are looked at, characters of each that are taken, resources and entries that a
# result has of its end, and changes that one look and a whole run list. What is over is counted.
ACCOUNT_LOOKED_AT_MAX: Final = 5_000
ACCOUNT_VALUE_CHARACTERS: Final = 500
ACCOUNT_THINGS_MAX: Final = 50
ACCOUNT_ENTRIES_MAX: Final = 300
ACCOUNT_THING_ENTRIES_MAX: Final = 50
ACCOUNT_CHANGES_AT_ONCE_MAX: Final = 50
ACCOUNT_CHANGES_MAX: Final = 1_000
# Connections of one environment that are open, and host names that a certificate is made for.
ACCOUNT_NAMES_MAX: Final = 256
# Operations that make the resources, before anything runs.
ACCOUNT_RESOURCES_MAX: Final = 100
# Requests that functions make of each other in one run.
CALLED_REQUESTS_MAX: Final = 100
# Of those over 256 KB, so many bytes together are kept whole, for replays; of the rest the beginning.
CALLED_PAYLOADS_BYTES_MAX: Final = 16 * MB
# Executions of state machines in one run, states that they enter and attempts at them, and records of one execution.
WORKFLOW_EXECUTIONS_MAX: Final = 50
WORKFLOW_STATES_MAX: Final = 1_000
WORKFLOW_RECORDS_MAX: Final = 500
# Of a message that fails every time and has no dead-letter queue; Lambda goes on until the queue forgets it, for days.
QUEUE_RECEIVES_MAX: Final = 10
# Messages in flight that are looked at for when the next one can be received.
QUEUE_LOOKED_AT_MAX: Final = 1_000
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
QUEUE_BATCH_DEFAULT: Final = 10
QUEUE_BATCH_MAX: Final = 10_000
QUEUE_BATCH_FIFO_MAX: Final = 10
QUEUE_WINDOW_S_MAX: Final = 300
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: "Lambda starts with 5 concurrent batches".
QUEUE_CONCURRENCY_DEFAULT: Final = 5
# https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
STREAM_BATCH_DEFAULT: Final = 100
STREAM_RETRIES_MAX: Final = 10_000
STREAM_AGE_S_MIN: Final = 60
STREAM_AGE_S_MAX: Final = 604_800
# Of a batch that fails every time and may be tried without end; Lambda goes on until its records expire.
STREAM_TRIES_MAX: Final = 10
# The longest wait between two of them.
STREAM_WAIT_S_MAX: Final = 60
# Records of one shard that are there before a mapping that begins with the latest.
STREAM_READ_MAX: Final = 10_000
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
QUEUE_RECEIVED_AT_ONCE_MAX: Final = 10
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html, VisibilityTimeout.
QUEUE_VISIBILITY_S_DEFAULT: Final = 30
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html: approximately that often in one chain.
RECURSION_MAX: Final = 16
