"""moto's services tell account time."""

from __future__ import annotations

import time


def test_what_is_made_after_a_step_is_dated_after_it(served):
    served.s3.create_bucket(Bucket="dated")
    served.advance(86_400)
    served.s3.put_object(Bucket="dated", Key="k", Body=b"")
    written = served.s3.list_objects_v2(Bucket="dated")["Contents"][0]["LastModified"]
    assert 0 <= written.timestamp() - time.time() - 86_399 < 60


def test_a_message_is_visible_again_when_account_time_says_so(served):
    queue = served.sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    served.sqs.send_message(QueueUrl=queue, MessageBody="m")
    assert served.sqs.receive_message(QueueUrl=queue)["Messages"]
    served.advance(590)
    assert "Messages" not in served.sqs.receive_message(QueueUrl=queue)
    served.advance(11)
    assert served.sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "m"


def test_a_delayed_message_comes_when_account_time_says_so(served):
    queue = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    served.sqs.send_message(QueueUrl=queue, MessageBody="m", DelaySeconds=900)
    assert "Messages" not in served.sqs.receive_message(QueueUrl=queue)
    served.advance(901)
    assert served.sqs.receive_message(QueueUrl=queue)["Messages"]
