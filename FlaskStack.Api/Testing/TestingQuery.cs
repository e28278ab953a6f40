using System.Globalization;

namespace FlaskStack.Api.Testing;

/// <summary>Reads the query of a test route.</summary>
internal static class TestingQuery
{
    /// <summary>Reads a whole number that is not negative.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The name in the query.</param>
    /// <param name="defaultValue">What counts when the query does not name it.</param>
    /// <returns>The number.</returns>
    /// <exception cref="BadHttpRequestException">The value is no such number (400).</exception>
    public static int Number(HttpRequest request, string name, int defaultValue)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } text)
        {
            return defaultValue;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new BadHttpRequestException($"{name} is '{text}': give a whole number.");
    }

    /// <summary>Reads a switch: absent is off; <c>true</c>, <c>1</c> or no value is on.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The name in the query.</param>
    /// <returns>Whether it is on.</returns>
    /// <exception cref="BadHttpRequestException">The value is neither (400).</exception>
    public static bool Flag(HttpRequest request, string name) => request.Query.TryGetValue(name, out var values) && values.ToString() switch
    {
        "" or "1" or "true" => true,
        "0" or "false" => false,
        var text => throw new BadHttpRequestException($"{name} is '{text}': give true or false."),
    };
}
