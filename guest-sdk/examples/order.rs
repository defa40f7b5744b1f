use fusebox_sdk::http::{self, Method};
use fusebox_sdk::{attempt, prelude::*};

struct Order;

const URL: &str = "https://shop.example/orders";

impl Agent for Order {
    fn describe() -> Descriptor {
        let summary = "Orders what its input says, once";
        Descriptor::new("order", "0.1.0", summary).not_idempotent()
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        // The shop wants the key in the body, beside the header.
        let id = attempt::idempotency_key(&Method::Post, URL);
        let id =
            id.ok_or_else(|| TaskError::validation("order.no-key", "`idempotency_header` is not set"))?;
        let body = format!("{}\nrequest: {id}", task.text()?);
        let answer = http::post(URL).body(Output::TEXT, body).send()?;
        Ok(Output::text(answer.text()?))
    }
}

export_agent!(Order);
