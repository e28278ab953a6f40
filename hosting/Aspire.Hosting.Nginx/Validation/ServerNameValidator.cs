using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class ServerNameValidator : INginxValidator
{
    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        foreach (var name in configuration.ServerNames.Where(name => !IsServerName(name)))
        {
            yield return $"WithServerName: \"{name}\" is no host name; write one such as example.com, or *.example.com for all below it, without scheme or port.";
        }
    }

    private static bool IsServerName(string name)
    {
        var host = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return host.Length is > 0 and <= 253
            && !host.StartsWith('.')
            && host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');
    }
}
