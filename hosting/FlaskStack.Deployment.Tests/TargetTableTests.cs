using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Aspire.Hosting;

namespace FlaskStack.Deployment.Tests;

/// <summary>The table of <c>docs/targets.md</c>: each option has a row, and each cell says what publishing does.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class TargetTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _baselines = new(StringComparer.Ordinal);

    [Fact]
    public void Every_option_has_a_row()
    {
        var rows = Rows().SelectMany(static row => row.Parts.DefaultIfEmpty("").Select(part => $"{row.Method} {part}".TrimEnd()));

        Assert.Equal(OptionsInCode().Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("run", 0)]
    [InlineData("publish-compose", 1)]
    [InlineData("publish-kubernetes", 2)]
    [InlineData("publish-systemd", 3)]
    [InlineData("publish-manifest", 4)]
    public async Task A_cell_says_what_becomes_of_the_option(string step, int column)
    {
        List<string> wrong = [];
        foreach (var row in Rows())
        {
            foreach (var part in row.Parts.DefaultIfEmpty(""))
            {
                var seen = await OutcomeAsync(step, row.Method, part);
                if (!row.Cells[column].StartsWith(seen.Kind, StringComparison.Ordinal))
                {
                    wrong.Add($"{row.Method} {part}: \"{row.Cells[column]}\", but {seen.Kind} {seen.Message}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The public options of the two packages: methods, and after a space a part of what a method sets.</summary>
    private static string[] OptionsInCode() =>
    [
        .. new[] { typeof(NginxBuilderExtensions), typeof(SupervisorBuilderExtensions) }
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(static method => method.GetParameters()[0].ParameterType != typeof(IDistributedApplicationBuilder))
            .Select(static method => method.Name)
            .Distinct()
            .SelectMany(static method => TargetSamples.Parts(method).DefaultIfEmpty("").Select(part => $"{method} {part}".TrimEnd())),
    ];

    private static IEnumerable<Row> Rows([CallerFilePath] string test = "") =>
        File.ReadLines(Path.Join(Path.GetDirectoryName(test), "../../docs/targets.md"))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .Select(static cells => (
                Names: Code().Matches(cells[0]).Select(static match => match.Groups[1].Value).ToArray(), Cells: cells[1..]))
            .Select(static row => new Row(row.Names[0], row.Names[1..], row.Cells));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    private async Task<(string Kind, string Message)> OutcomeAsync(string step, string method, string part)
    {
        try
        {
            var key = TargetSamples.BaselineOf(method, part);
            if (!_baselines.TryGetValue(key, out var before))
            {
                before = _baselines[key] = await PublishAsync(step, method, part, isChanged: false);
            }

            var after = await PublishAsync(step, method, part, isChanged: true);
            return (step == "run" || before != after ? "yes" : "no", "");
        }
        catch (DistributedApplicationException refused) when (!refused.Message.Contains('\n', StringComparison.Ordinal))
        {
            return ("refused", refused.Message);
        }
    }

    /// <summary>All that is written, as hashes.</summary>
    private async Task<string> PublishAsync(string step, string method, string part, bool isChanged)
    {
        var folder = Directory.CreateDirectory(_folder["Shop.AppHost"]).FullName;
        try
        {
            if (step == "run")
            {
                var application = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
                {
                    AssemblyName = typeof(TestApplication).Assembly.GetName().Name,
                    DisableDashboard = true,
                    ProjectDirectory = folder,
                });
                TargetSamples.Declare(application, step, folder, method, part, isChanged);
                return "";
            }

            var output = Path.Join(folder, step == "publish-manifest" ? "out/manifest.json" : "out");
            await Publisher.RunAsync(
                step, output, folder, builder => TargetSamples.Declare(builder, step, folder, method, part, isChanged));

            // azd builds the image from the folder of the AppHost.
            return string.Join('\n', TemporaryFolder.FilesIn(step == "publish-manifest" ? folder : output)
                .Select(static file => $"{file.Key} {Convert.ToHexString(SHA256.HashData(file.Value))}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record Row(string Method, string[] Parts, string[] Cells);
}
