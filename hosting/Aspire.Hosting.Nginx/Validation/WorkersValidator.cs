using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class WorkersValidator : INginxValidator
{
    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        var workers = configuration.Workers;
        var errors = Range.Errors(
            Range.Check("WithWorkers: Processes", workers.Processes, 1, 512),
            Range.Check("WithWorkers: Connections", workers.Connections, 64, 1_000_000));

        return errors.Concat(NameErrors("User", workers.User)).Concat(NameErrors("Group", workers.Group));
    }

    private static IEnumerable<string> NameErrors(string option, string? name)
    {
        if (name is not null && (name.Length == 0 || !name.All(IsNameCharacter)))
        {
            yield return $"WithWorkers: {option} \"{name}\" is no name of a system {option.ToLowerInvariant()}; use letters, digits, '.', '_' and '-'.";
        }
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}
