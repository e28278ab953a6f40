namespace FlaskStack.Api.Http;

/// <summary>
/// Names the type of a request body for the API document. Unlike the framework's own metadata it takes no part in routing,
/// which would answer a wrong Content-Type before the handler can say what is wrong.
/// </summary>
/// <param name="Type">The type of the body.</param>
internal sealed record RequestBodyMetadata(Type Type);
