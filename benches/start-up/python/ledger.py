"""Writes records into the ledger's table."""

from decimal import Decimal

from boto3.dynamodb.types import TypeSerializer

serializer = TypeSerializer()


def as_item(fields: dict) -> dict:
    return {name: serializer.serialize(plain(value)) for name, value in fields.items()
            if value is not None}


def plain(value):
    """DynamoDB takes no floats."""
    match value:
        case float():
            return Decimal(str(value))
        case list():
            return [plain(item) for item in value]
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case _:
            return value


def write(dynamo_db, table: str, key: dict, fields: dict) -> bool:
    """Writes a record once; whether it was there before."""
    try:
        dynamo_db.put_item(TableName=table, Item=as_item(key | fields),
                           ConditionExpression="attribute_not_exists(pk)")
        return False
    except dynamo_db.exceptions.ConditionalCheckFailedException:
        return True


def settle(dynamo_db, table: str, key: dict, fields: dict) -> None:
    """Adds to a record how it ended; the first settlement stays."""
    fields = as_item(fields)
    assignments = ", ".join(f"#{name} = :{name}" for name in fields)
    try:
        dynamo_db.update_item(
            TableName=table, Key=as_item(key), UpdateExpression=f"SET {assignments}",
            ConditionExpression="attribute_not_exists(#settled_at)",
            ExpressionAttributeNames={f"#{name}": name for name in fields},
            ExpressionAttributeValues={f":{name}": value for name, value in fields.items()},
        )
    except dynamo_db.exceptions.ConditionalCheckFailedException:
        pass
