namespace FlaskStack.Api.Configuration;

/// <summary>Describes mistakes of configuration in one line; other exceptions keep their stack trace.</summary>
internal static class StartError
{
    /// <summary>Describes what went wrong at start.</summary>
    /// <returns>The cause in one line, or <see langword="null"/> when it is a fault of the program.</returns>
    public static string? Describe(Exception exception) => exception switch
    {
        ApiConfigurationException => exception.Message,
        // Kestrel: an address in use, or a socket folder that is not there or not ours.
        IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException =>
            $"{exception.Message} Change ASPNETCORE_URLS or free the address.",
        // Kestrel: an address that is none.
        FormatException => $"{exception.Message} Correct ASPNETCORE_URLS.",
        // A settings file that is not JSON.
        InvalidDataException => exception.Message,
        _ => null,
    };
}

/// <summary>A setting has a value that cannot be used; the message names the setting and says what it takes.</summary>
/// <param name="message">The one line for the person who starts the service.</param>
internal sealed class ApiConfigurationException(string message) : Exception(message);
