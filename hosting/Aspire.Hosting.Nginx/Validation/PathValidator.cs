using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

/// <summary>Request paths and the folders behind them.</summary>
internal sealed class PathValidator : INginxValidator
{
    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        var paths = configuration.Routes.Select(route => (Option: "WithReverseProxy", route.Path))
            .Concat(configuration.StaticFiles.Select(files => (Option: "WithStaticFiles", files.Path)))
            .ToArray();
        foreach (var (option, path) in paths)
        {
            if (!IsRequestPath(path))
            {
                yield return $"{option}: the path \"{path}\" must begin with / and hold only letters, digits and - . _ ~ % @ : + , = /.";
            }
        }

        foreach (var path in paths.GroupBy(path => Normalized(path.Path), StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"{path.Last().Option}: the path \"{path.Key}\" is taken already by {path.First().Option}; give each its own.";
        }

        foreach (var (option, path) in paths.Where(path => IsReserved(path.Path)))
        {
            yield return $"{option}: the path \"{path}\" is used by nginx itself; choose another.";
        }

        foreach (var files in configuration.StaticFiles.Where(files => files.Folder.AsSpan().IndexOfAny("$\r\n\0") >= 0))
        {
            yield return $"WithStaticFiles: the folder {files.Folder} has a dollar sign or a line break in its path, which nginx cannot take; rename it.";
        }
    }

    private static bool IsReserved(string path) =>
        Normalized(path) == NginxConfiguration.HealthPath
        || (Normalized(path) + "/").StartsWith(NginxConfiguration.ErrorPagesPath, StringComparison.Ordinal)
        || (Normalized(path) + "/").StartsWith(NginxConfiguration.ProblemsPath, StringComparison.Ordinal);

    private static string Normalized(string path) => path == "/" ? path : path.TrimEnd('/');

    private static bool IsRequestPath(string path) =>
        path.StartsWith('/')
        && !path.Contains("//", StringComparison.Ordinal)
        && path.All(character => char.IsAsciiLetterOrDigit(character) || "-._~%@:+,=/".Contains(character, StringComparison.Ordinal));
}
