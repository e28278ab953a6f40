namespace FlaskStack.Api.Configuration;

/// <summary>A setting has a value that cannot be used; the message names the setting and says what it takes.</summary>
/// <param name="message">The one line for the person who starts the service.</param>
internal sealed class ApiConfigurationException(string message) : Exception(message);
