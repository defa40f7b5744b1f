//! Limits that were reached.

macro_rules! limit {
    ($($before:tt)*) => { families! { $($before)*
        LimitFuel = "limit.fuel" {
            category: Timeout, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The attempt used up its fuel: it executed more instructions than it may. An endless loop does that.",
            next: "If the work is honest, raise `limits.fuel` of the agent; otherwise report it to the plugin's author.",
        }
        LimitCpu = "limit.cpu" {
            category: Timeout, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The attempt used more processor time than it may.",
            next: "If the work is honest, raise `limits.cpu` of the agent; otherwise report it to the plugin's author.",
        }
        LimitDeadline = "limit.deadline" {
            category: Timeout, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: "The attempt was not done by its deadline; the time that it waited counts, but for the host's own queues.",
            next: "Raise `limits.deadline` of the agent, or lower `session.max_parallel` if the machine is busy.",
        }
        LimitMemory = "limit.memory" {
            category: MemoryOverflow, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin asked for more memory than it may have, all its memories together.",
            next: "If the input is large, raise `limits.memory` of the agent; otherwise report it to the plugin's author.",
        }
        LimitTable = "limit.table" {
            category: MemoryOverflow, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin's tables would have become larger than they may, all together.",
            next: "Raise `limits.table_elements` of the agent if the plugin is an interpreter.",
        }
        LimitHandles = "limit.handles" {
            category: MemoryOverflow, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin opened more handles, or made more instances or memories, than it may.",
            next: "Raise `limits.handles` of the agent, or report a leak to the plugin's author.",
        }
        LimitOpenFiles = "limit.open-files" {
            category: MemoryOverflow, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin had more files and streams of files open at once than an attempt may: 128, or less where the system gives the host few.",
            next: "Report it to the plugin's author if it does not close files; where the system gives few, raise `ulimit -n`.",
        }
        LimitHostCalls = "limit.host-calls" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin called the host more often than it may, calls of its language's library included.",
            next: "Raise `limits.host_calls` of the agent if it is meant to be this busy; otherwise report it to the plugin's author.",
        }
        LimitHostBytes = "limit.host-bytes" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin handed the host more bytes than it may: what it wrote, sent, logged and kept, all together.",
            next: "Raise `limits.host_bytes` of the agent if it is meant to hand over this much; otherwise report it to the plugin's author.",
        }
        LimitOutput = "limit.output" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The output is larger than it may be. It was not kept.",
            next: "Raise `limits.output` of the agent, or have it produce less through its settings.",
        }
        LimitPartial = "limit.partial" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "A partial result is larger than an output may be.",
            next: "Raise `limits.output` of the agent.",
        }
        LimitInput = "limit.input" {
            category: Validation, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "The input is larger than the agent takes. The plugin was not run.",
            next: "Split the input, or raise `limits.input` of the agent.",
        }
        LimitHttpCalls = "limit.http-calls" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The attempt made more HTTP requests than it may.",
            next: "Raise `limits.http_requests` of the agent if it is meant to make so many.",
        }
        LimitHttpRequest = "limit.http-request" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "An HTTP request is larger than it may be: its address, its headers or its body.",
            next: "Raise `limits.http_body` of the agent and `limits.request` of the upstream if the body is meant to be so large.",
        }
        LimitHttpResponse = "limit.http-response" {
            category: Validation, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "An HTTP answer is larger than it may be: its headers or its body. The rest was not read.",
            next: "Raise `limits.http_body` of the agent and `limits.response` of the upstream, or have the plugin ask for less.",
        }
        LimitFileBytes = "limit.file-bytes" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: FolderFull,
            meaning: "The plugin has written as many bytes to a folder as its grant has room for. What it removed is not given back.",
            next: "Raise `quota` of the grant that the message names, or have the plugin write less.",
        }
        LimitFileCount = "limit.file-count" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: FolderFull,
            meaning: "The plugin has made as many files in a folder as its grant has room for. What it removed is not given back.",
            next: "Raise `max_files` of the grant that the message names, or have the plugin make fewer.",
        }
    } };
}
