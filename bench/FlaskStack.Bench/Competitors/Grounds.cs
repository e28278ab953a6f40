using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Competitors;

/// <summary>Gives each start of a competitor a folder and a port.</summary>
/// <param name="repository">The repository's folder.</param>
/// <param name="temporary">The bench's temporary folder.</param>
internal sealed class Grounds(string repository, string temporary)
{
    private int _count;

    /// <summary>The repository's folder.</summary>
    public string Repository => repository;

    /// <summary>A new place.</summary>
    public Ground Next(bool withTestPaths)
    {
        var folder = Path.Combine(temporary, (++_count).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        Rights.Set(folder, Rights.PassThrough);
        return new(repository, folder, FreePort.Next(), withTestPaths);
    }
}
