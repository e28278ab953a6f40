using System.ComponentModel;
using System.Text.Json;

namespace FlaskStack.Api.Server;

/// <summary>The body of <c>POST /server</c>, as the API document describes it.</summary>
/// <param name="Data">Any JSON value, null included.</param>
internal sealed record ServerRequest([property: Description("Any JSON value, null included.")] JsonElement Data);
