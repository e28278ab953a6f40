using System.Reflection;

namespace Aspire.Hosting;

/// <summary>Which AppHost this process is.</summary>
internal sealed record AppHostIdentity(Assembly? Assembly, string Directory, string Path);
