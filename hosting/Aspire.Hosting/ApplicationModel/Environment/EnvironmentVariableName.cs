namespace Aspire.Hosting.ApplicationModel;

/// <summary>Turns names of the model into names that every shell accepts for a variable.</summary>
internal static class EnvironmentVariableName
{
    /// <summary>Puts an underscore for each character other than an ASCII letter or digit, and before a leading digit.</summary>
    public static string From(string name)
    {
        var encoded = string.Create(name.Length, name, static (buffer, source) =>
        {
            for (var index = 0; index < buffer.Length; index++)
            {
                buffer[index] = char.IsAsciiLetterOrDigit(source[index]) ? source[index] : '_';
            }
        });

        return encoded.Length > 0 && char.IsAsciiDigit(encoded[0]) ? $"_{encoded}" : encoded;
    }
}
