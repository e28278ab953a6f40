using System.Text.Json;

namespace FlaskStack.Api;

/// <summary>
/// What <c>POST /server</c> does: put your own work into <see cref="HandleAsync"/>. The class is a singleton made by
/// dependency injection, so a constructor parameter brings whatever is registered, and many calls run at once.
/// </summary>
internal class ServerApi
{
    /// <summary>Works on the <c>data</c> of one request.</summary>
    /// <param name="data">
    /// The value of <c>data</c>; valid until the response is sent (<see cref="JsonElement.Clone"/> keeps it longer).
    /// </param>
    /// <param name="cancellationToken">Cancelled when the client has gone away: pass it on.</param>
    /// <returns>
    /// The answer: a string goes out as plain text; a <see cref="JsonElement"/>, a <see cref="System.Text.Json.Nodes.JsonNode"/>
    /// or <see langword="null"/> as JSON; any type of your own as JSON once <see cref="ApiJsonContext"/> lists it. A JSON string
    /// counts as a string.
    /// </returns>
    /// <exception cref="BadHttpRequestException">The data is not acceptable: its message and status code go to the client.</exception>
    public virtual ValueTask<object?> HandleAsync(JsonElement data, CancellationToken cancellationToken) =>
        ValueTask.FromResult<object?>(data);
}
